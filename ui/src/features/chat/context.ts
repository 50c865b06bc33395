import { createContext } from 'svelte';
import type { Chats } from './chats.svelte';

export const [useChats, provideChats] = createContext<Chats>();
