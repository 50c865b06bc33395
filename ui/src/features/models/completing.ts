import type { Model, Setting } from '../../backend/types';

/** The setting that names the model that completes code in editors. */
export const COMPLETION_MODEL = 'completion.model';

/** The model that completes code; null where none does. */
export function completing(settings: Setting[]): string | null {
  const value = settings.find(({ key }) => key === COMPLETION_MODEL)?.value;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Whether a model that is listed here can complete code. */
export function canComplete(model: Model): boolean {
  return model.role === 'language' && model.installed;
}

/** The model that completes code where that is none of those here: one of a server, or one that was removed. */
export function completingElsewhere(name: string | null, models: Model[]): string | null {
  return models.some((model) => model.id === name && canComplete(model)) ? null : name;
}
