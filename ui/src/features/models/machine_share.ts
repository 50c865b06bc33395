import type { MemoryStatus } from '../../backend/types';

/** The setting that limits what models hold. */
export const MEMORY_LIMIT = 'inference.memory-megabytes';

/** What is held of the memory, in bytes. */
export interface MachineShare {
  /** By Ambit without its models. */
  host: number;
  /** By models, and the process that runs them. */
  models: number;
  /** What both are a part of: all that they may have; 0 where nobody knows. */
  all: number;
}

/** What Ambit holds of the memory, and of how much that is a part. */
export function shareOf(memory: MemoryStatus): MachineShare {
  const told = memory.models.filter((model) => !model.on_gpu);
  const byModels = told.reduce((sum, model) => sum + model.weights + model.texts, 0);
  const host = memory.host ?? 0;
  // Weights that are mapped from their file are no memory of the process's own.
  const models = Math.max(memory.worker ?? 0, byModels);
  const most = Math.min(memory.limit ?? Infinity, models + (memory.free ?? Infinity));
  return { host, models, all: Number.isFinite(most) ? host + Math.max(most, models) : 0 };
}
