/** Why a PDF could not be had. */
export type PdfProblem =
  /** What is there is something else. */
  | 'no-pdf'
  | 'too-large'
  /** The site, or the browser, does not hand it out. */
  | 'refused';

/** The bytes of a PDF, or why there are none. */
export type FetchedPdf = { bytes: Blob; problem: null } | { bytes: null; problem: PdfProblem };

/** What a PDF begins with; before it may stand so many bytes, as all readers allow it. */
const SIGNATURE = '%PDF-';
const LATEST_SIGNATURE = 1024;

/**
 * The PDF at an address that a tab shows, as the tab got it: with the cookies of the site, and from the browser's own store where it
 * is there. Of anything else no more is taken than what tells that it is something else. `most` is in bytes.
 */
export async function fetchPdf(address: string, most: number): Promise<FetchedPdf> {
  try {
    // A site that sends the second question elsewhere would have another one asked.
    const response = await fetch(address, { credentials: 'include', cache: 'force-cache', redirect: 'error' });
    if (!response.ok || !response.body) return failed('refused');
    return await bounded(response.body.getReader(), most);
  } catch {
    return failed('refused');
  }
}

async function bounded(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<FetchedPdf> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let [size, isPdf] = [0, false];
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      pieces.push(value);
      size += value.length;
    }
    isPdf ||= isSigned(pieces);
    if (!isPdf && (done || size >= LATEST_SIGNATURE + SIGNATURE.length)) return stopped(reader, 'no-pdf');
    if (size > most) return stopped(reader, 'too-large');
    if (done) return { bytes: new Blob(pieces, { type: 'application/pdf' }), problem: null };
  }
}

function isSigned(pieces: readonly Uint8Array[]): boolean {
  let head = '';
  for (const piece of pieces) {
    head += String.fromCharCode(...piece.subarray(0, LATEST_SIGNATURE + SIGNATURE.length - head.length));
  }
  return head.includes(SIGNATURE);
}

async function stopped(reader: ReadableStreamDefaultReader, problem: PdfProblem): Promise<FetchedPdf> {
  await reader.cancel().catch(() => undefined);
  return failed(problem);
}

function failed(problem: PdfProblem): FetchedPdf {
  return { bytes: null, problem };
}
