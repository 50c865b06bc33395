import type { Host } from '../../../ui/src/backend/host';
import { answererOf } from '../../../ui/src/features/chat/answerer';

/** Whether a model takes images; false where that cannot be found out. `model` is null where answers are quotes. */
export async function takesImages(host: Host, model: string | null): Promise<boolean> {
  if (!model?.includes('/')) return false;
  const { providers } = await host.get('/v1/providers').catch(() => ({ providers: [] }));
  return answererOf(model, providers).takesImages === true;
}
