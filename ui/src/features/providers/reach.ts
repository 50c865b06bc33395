import type { Provider } from '../../backend/types';

/** Whether a model of a provider runs on another machine. */
export function isElsewhere(provider: Provider, model: string): boolean {
  return provider.remote || (provider.passed_on ?? []).includes(model);
}

/** Whether what a model is asked stays on this machine for certain: of models that a provider does not list nothing is known. */
export function isHere(provider: Provider, model: string): boolean {
  return provider.models.includes(model) && !isElsewhere(provider, model);
}

/** Whether anything goes to another machine through a provider: consent and folders count for it then. */
export function sends(provider: Provider): boolean {
  return provider.remote || (provider.passed_on ?? []).length > 0;
}

/** The provider that a model's name `PROVIDER/MODEL` tells; null for a model of this machine, whose name may have a slash too. */
export function providerOf(model: string, providers: Provider[]): { provider: Provider; model: string } | null {
  const cut = model.indexOf('/');
  const provider = cut > 0 ? providers.find(({ name }) => name === model.slice(0, cut)) : undefined;
  return provider ? { provider, model: model.slice(cut + 1) } : null;
}
