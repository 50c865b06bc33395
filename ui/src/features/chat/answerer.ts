import type { Provider } from '../../backend/types';
import { isHere, providerOf } from '../providers/reach';

/** Who answers in a chat, so far as it is known. */
export interface Answerer {
  /** The model; null: nobody, answers are quotes. */
  model: string | null;
  /** Whether it may be that what it is asked leaves this machine. */
  mayBeElsewhere: boolean;
  /** Whether it takes images; null: that is not known. */
  takesImages: boolean | null;
}

/** What is known of a model; `providers` are null until they are known. */
export function answererOf(model: string | null, providers: Provider[] | null): Answerer {
  // Models of this machine read text alone, and a model of a provider has the provider's name in its own.
  if (!model?.includes('/')) return { model, mayBeElsewhere: false, takesImages: false };
  if (providers === null) return { model, mayBeElsewhere: true, takesImages: null };
  const found = providerOf(model, providers);
  if (!found) return { model, mayBeElsewhere: false, takesImages: false };
  const { image_models = [] } = found.provider;
  return {
    model,
    mayBeElsewhere: !isHere(found.provider, found.model),
    takesImages: image_models.includes(found.model),
  };
}
