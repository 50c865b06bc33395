"""Keeps what was spent."""


def add_expense(ledger, amount, reason):
    """Notes an expense."""
    ledger.entries.append((amount, reason))
    ledger.total = ledger.total + amount


def add_income(ledger, amount, reason):
    """Notes an income."""
    ledger.entries.append((-amount, reason))
    ledger.total = ledger.total - amount
