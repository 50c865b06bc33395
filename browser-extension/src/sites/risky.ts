/**
 * Sites where what stands on a page is nobody's business: money, health, mail. Nothing of them is read until a person has turned
 * that on for the site. The list holds the best known; words in the name find others, and rather one too many.
 */
const HOSTS = [
  // Mail
  'mail.google.com',
  'outlook.live.com',
  'outlook.office.com',
  'outlook.office365.com',
  'mail.yahoo.com',
  'mail.proton.me',
  'mail.zoho.com',
  'app.fastmail.com',
  'icloud.com',
  'mail.aol.com',
  'gmx.net',
  'gmx.de',
  'web.de',
  'mailbox.org',
  'posteo.de',
  'app.tuta.com',
  'mail.ru',
  'mail.qq.com',
  'mail.163.com',
  // Money
  'paypal.com',
  'wise.com',
  'revolut.com',
  'n26.com',
  'klarna.com',
  'chase.com',
  'wellsfargo.com',
  'citi.com',
  'hsbc.com',
  'barclays.co.uk',
  'lloydsbank.com',
  'natwest.com',
  'santander.com',
  'bbva.com',
  'bnpparibas',
  'credit-agricole.fr',
  'societegenerale.fr',
  'ing.com',
  'ing.de',
  'rabobank.nl',
  'dkb.de',
  'comdirect.de',
  'ubs.com',
  'fidelity.com',
  'schwab.com',
  'vanguard.com',
  'coinbase.com',
  'kraken.com',
  'binance.com',
  // Health
  'mychart.org',
  'doctolib.de',
  'doctolib.fr',
  'doctolib.it',
  'nhs.uk',
  'zocdoc.com',
  'patientaccess.com',
  'tk.de',
  'aok.de',
  'barmer.de',
];

/** Parts of a site's name, each between its dots and hyphens, that tell what it is about. */
const WORDS = new Set(
  (
    'webmail mail posteingang inbox bank banking onlinebanking ebanking netbanking banca banco banque bancaire sparkasse volksbank ' +
    'raiffeisen kreditkarte creditcard credit broker brokerage trading depot wallet payroll tax taxes steuer elster impots ' +
    'health healthcare patient patients mychart clinic klinik hospital krankenhaus krankenkasse arzt doctor medical therapy pharmacy ' +
    'apotheke sante salud insurance versicherung'
  ).split(' '),
);

/** What compounds of a name end or begin with. */
const ENDS = ['bank', 'banking', 'sparkasse', 'krankenkasse', 'klinik', 'clinic', 'hospital'];

/** Whether a page is of such a site. */
export function isRisky(url: URL): boolean {
  // A name with its last dot is the same name.
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  if (HOSTS.some((known) => host === known || host.endsWith(`.${known}`))) return true;
  const parts = host.split(/[.-]/).slice(0, -1);
  return parts.some((part) => WORDS.has(part) || ENDS.some((end) => part.endsWith(end)));
}
