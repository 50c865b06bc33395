import { createContext } from 'svelte';
import type { Threads } from './threads.svelte';

export const [useThreads, provideThreads] = createContext<Threads>();
