/** What the person whose machine this is keeps in their documents. */
export const FILES: Record<string, string | Uint8Array> = {
  'Handbook/certificates.md': `# Certificates

The home server has certificates of Let's Encrypt for every name that it serves.

## Renewing a certificate

Certificates are valid for 90 days. The timer \`certbot.timer\` renews them when fewer than 30 days are left. To renew a
certificate by hand, stop the proxy, run \`certbot renew --force-renewal\`, and start the proxy again. It takes about a
minute, and visitors see an error for that long.

## When renewal fails

Port 80 must be open for the challenge. Look into \`/var/log/letsencrypt\` first: most failures are a closed port or a name
that points elsewhere.
`,
  'Handbook/backups.md': `# Backups

Every night at two the server writes a backup to the disk in the cellar, and once a week a copy goes to Jana's house.

## What is kept

| what | how often | kept for |
|---|---|---|
| documents and photos | every night | 90 days |
| databases | every six hours | 14 days |
| configuration | after each change | for good |

## Restoring a file

Mount the newest snapshot with \`restic mount /mnt/restore\` and copy the file. Restoring everything takes about four hours.
`,
  'Handbook/backup.py': `"""Writes the nightly backup, and says what it left out."""

from pathlib import Path


def too_large(path: Path, limit: int = 4 * 1024**3) -> bool:
    """Files over the limit wait for the weekly copy."""
    return path.stat().st_size > limit
`,
  'Household/heating.md': `# Heating

The boiler is serviced each October by Brandt & Co. The pressure should be between 1.2 and 1.8 bar; below 1 bar, fill up
water at the red tap until the needle stands at 1.5.
`,
  'Household/eine-sehr-lange-Bezeichnung-fuer-die-Wohngebaeudeversicherungsbeitragsrechnung-des-vergangenen-Jahres.txt':
    'Die Wohngebäudeversicherung kostet 412,80 Euro im Jahr. Kündigungsfrist: drei Monate zum Jahresende.\n',
  'Travel/lisbon.md': `# Lisbon in May

The flat in Alfama is booked from the 9th to the 16th of May. Check-in is after three; the key is in the box beside the door.
`,
  'Travel/ticket.pdf': 'This is no PDF at all.',
  // What a hostile page could have left behind.
  'Downloads/<img src=x onerror=alert(1)>.md': `# Offer <script>window.hostile = true</script>

<img src="https://hostile.example/pixel.png" onerror="window.hostile = true">
The hostile voucher grants [a prize](javascript:window.hostile=true) to everyone who clicks. ![](https://hostile.example/2.png)
`,
};

/** Files that speak of each other, for the tests of the knowledge graph. */
export const GARDEN: Record<string, string> = {
  'Garden/garden.md': `---
title: The garden
authors: [Ada Example]
tags: [vegetables, plans]
---
# The garden

What grows where: [tomatoes](tomatoes.md) in the [raised beds](beds.md), watered by [the timer](watering.py).

## This year

Beans follow the tomatoes. See [the almanac](https://almanac.example/beans).
`,
  'Garden/tomatoes.md': `---
title: Tomatoes
authors: [Ada Example]
tags: [vegetables]
---
# Tomatoes

They stand in [the beds](beds.md).

## Watering

At the root, early in the morning.

## Pruning

Side shoots are pinched out weekly.
`,
  'Garden/beds.md': `---
title: Raised beds
tags: [plans]
---
# Raised beds

A raised bed warms earlier in spring. The plan is part of [the garden](garden.md).
`,
  'Garden/watering.py': `"""Waters the beds."""

import time


def open_valve(minutes: int) -> None:
    """Lets water flow."""
    time.sleep(minutes * 60)


def water_tomatoes() -> None:
    """The tomatoes need the most."""
    open_valve(20)
`,
};
