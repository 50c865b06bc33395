import { Channel, invoke } from '@tauri-apps/api/core';
import { HostError, type Backend, type Shell, type ShellMessage } from './backend';
import { PieceBackend, type Line, type Piece } from './pieces';

/** The host, by way of the desktop app that shows this page. */
export class TauriBackend extends PieceBackend implements Backend {
  readonly shell: Shell = { listen, hideLauncher, open, offerSelection, paste, chooseFolder, answered };

  constructor() {
    super(LINE);
  }

  /** Whether the desktop app shows this page. */
  static get isHere(): boolean {
    return '__TAURI_INTERNALS__' in window;
  }
}

const LINE: Line = {
  begin(call, tell, lost) {
    const pieces = new Channel<Piece>(tell);
    invoke('send', { call, pieces }).catch((failure: unknown) => lost(new HostError('internal', String(failure))));
  },
  cancel(id) {
    void invoke('cancel', { id }).catch(() => undefined);
  },
};

function listen(tell: (message: ShellMessage) => void): () => void {
  const messages = new Channel<ShellMessage>(tell);
  void invoke('listen', { messages });
  return () => (messages.onmessage = () => undefined);
}

function hideLauncher(): void {
  void invoke('hide_launcher');
}

function open(address: string): void {
  void invoke('open', { address });
}

function offerSelection(): void {
  void invoke('offer_selection');
}

function paste(text: string): Promise<void> {
  return told('paste', { text });
}

function chooseFolder(title: string): Promise<string | null> {
  return told('choose_folder', { title });
}

/** Has the app do something whose failure people are told. */
async function told<T>(command: string, parameters: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, parameters);
  } catch (failure) {
    throw new Error(String(failure), { cause: failure });
  }
}

function answered(address: string, title: string): void {
  void invoke('answered', { address, title });
}
