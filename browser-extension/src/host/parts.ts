/** A message that is too long for one frame comes in parts, one after the other. */
interface Part {
  part: { text: string; isLast: boolean };
}

/** Puts messages together that came in parts. */
export class Parts {
  private texts: string[] = [];

  /**
   * Takes what came.
   * @returns a whole message; undefined while more of it is to come
   * @throws {SyntaxError} when what was put together is no JSON
   */
  take(came: unknown): unknown {
    if (!isPart(came)) return came;
    this.texts.push(came.part.text);
    if (!came.part.isLast) return undefined;
    const whole = this.texts.join('');
    this.texts = [];
    return JSON.parse(whole);
  }
}

function isPart(came: unknown): came is Part {
  const part = (came as Partial<Part> | null)?.part;
  return typeof part?.text === 'string' && typeof part.isLast === 'boolean';
}
