from ledger import add_expense, add_income


def report(ledger):
    for amount, reason in ledger.entries:
        print(amount, reason)
