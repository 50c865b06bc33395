import type { Provider, ProviderChange } from '../../backend/types';

/** Names as one writes them, separated by commas; each once. */
export function namesIn(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter(Boolean))];
}

/** What is to be different about a provider. What stays is not told: a new address takes consent away. */
export function changeOf(
  before: Provider,
  wanted: { url: string; models: string[]; images: string[] },
): ProviderChange {
  const url = wanted.url.trim();
  const images = wanted.images.filter((model) => wanted.models.includes(model)).sort();
  return {
    ...(url === before.url ? {} : { url }),
    ...(isSame(wanted.models, before.models) ? {} : { models: wanted.models }),
    ...(isSame(images, [...(before.image_models ?? [])].sort()) ? {} : { image_models: images }),
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}
