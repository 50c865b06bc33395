import type { Connection } from './connection.svelte';
import type { Host } from './host';

/**
 * Changes a setting, and asks how the host stands then.
 * @throws {HostError} as `Host.put`
 */
export async function changeSetting(host: Host, connection: Connection, key: string, value: unknown): Promise<void> {
  try {
    await host.put('/v1/settings/{key}', { path: { key }, body: { value } });
  } finally {
    await connection.refresh();
  }
}
