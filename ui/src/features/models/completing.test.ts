import { expect, test } from 'vitest';
import type { Model, Setting } from '../../backend/types';
import { completing, completingElsewhere } from './completing';

const setting = (key: string, value: unknown): Setting => ({
  key,
  value,
  default: '',
  description: '',
  kind: 'text',
  needs_restart: false,
  origin: 'default',
});

test('an empty setting names no model, and other settings do not matter', () => {
  const other = setting('models.language', 'large');
  expect(completing([other])).toBeNull();
  expect(completing([other, setting('completion.model', '')])).toBeNull();
  expect(completing([other, setting('completion.model', 'coder')])).toBe('coder');
});

test('a model that completes code is elsewhere when it is none that is installed here and writes', () => {
  const model = (id: string, change: Partial<Model>): Model => ({
    id,
    role: 'language',
    installed: true,
    active: false,
    size: 1,
    license: '',
    folder: '/models',
    ...change,
  });
  const models = [model('coder', {}), model('absent', { installed: false }), model('encoder', { role: 'embedding' })];
  expect(completingElsewhere('coder', models)).toBeNull();
  expect(completingElsewhere(null, models)).toBeNull();
  for (const name of ['absent', 'encoder', 'ollama/coder']) expect(completingElsewhere(name, models)).toBe(name);
});
