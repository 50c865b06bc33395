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

/** What is known of a model; it is undefined, and `providers` are null, until they are known. */
export function answererOf(model: string | null | undefined, providers: Provider[] | null): Answerer {
  if (model === undefined) return { model: null, mayBeElsewhere: true, takesImages: null };
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
