import { describe, expect, test } from 'vitest';
import { eventData } from './events';

async function parsed(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      bytes.forEach((chunk) => controller.enqueue(chunk));
      controller.close();
    },
  });
  const events: string[] = [];
  for await (const event of eventData(body)) events.push(event);
  return events;
}

describe('eventData', () => {
  test('gives the data of every event', async () => {
    expect(await parsed('event: text\ndata: {"a":1}\n\ndata:{"b":2}\n\n')).toEqual(['{"a":1}', '{"b":2}']);
  });

  test('joins lines and knows all line ends', async () => {
    expect(await parsed('data: one\r\ndata: two\r\n\r\ndata: three\r\r: end\n')).toEqual(['one\ntwo', 'three']);
  });

  test('passes over heartbeats and an event without data', async () => {
    expect(await parsed(': heartbeat\n\nevent: empty\n\ndata: x\n\n')).toEqual(['x']);
  });

  test('puts together what was cut anywhere, within letters as well', async () => {
    const whole = new TextEncoder().encode('data: größer\n\ndata: 2\n\n');
    const bytes = [...whole].map((_, index) => whole.slice(index, index + 1));
    expect(await parsed(...bytes)).toEqual(['größer', '2']);
  });

  test('does not give an event that broke off', async () => {
    expect(await parsed('data: 1\n\ndata: half')).toEqual(['1']);
  });
});
