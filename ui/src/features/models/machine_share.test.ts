import { expect, test } from 'vitest';
import type { ModelInMemory } from '../../backend/types';
import { shareOf } from './machine_share';

const model = (weights: number, texts: number, on_gpu = false): ModelInMemory => ({
  model: 'm',
  role: 'language',
  state: 'resting',
  on_gpu,
  weights,
  texts,
});

test('what is held is a part of what may be held', () => {
  const models = [model(100, 20), model(5000, 900, true)];
  expect(shareOf({ host: 30, worker: 50, limit: 400, free: 1000, models })).toEqual({
    host: 30,
    models: 120,
    all: 430,
  });
  expect(shareOf({ host: 30, worker: 150, free: 1000, models })).toEqual({ host: 30, models: 150, all: 1180 });
  expect(shareOf({ host: 30, limit: 4000, free: 1000, models })).toEqual({ host: 30, models: 120, all: 1150 });
});

test('a limit that was lowered does not make the bar too long', () => {
  expect(shareOf({ host: 30, worker: 500, limit: 400, free: 9, models: [] })).toEqual({
    host: 30,
    models: 500,
    all: 530,
  });
});

test('a system that tells nothing has no bar', () => {
  expect(shareOf({ models: [model(1, 0)] })).toEqual({ host: 0, models: 1, all: 0 });
  expect(shareOf({ limit: 10, models: [] })).toEqual({ host: 0, models: 0, all: 10 });
});
