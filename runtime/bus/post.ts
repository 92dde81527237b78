// One send. A socket that is being closed refuses by a rejection or by a throw; what it does not take is lost, as it would
// have been a moment later.

interface Sending {
  send(frames: (Uint8Array | string)[]): Promise<void>;
}

export async function post(socket: Sending, frames: (Uint8Array | string)[]): Promise<void> {
  try {
    await socket.send(frames);
  } catch {
    // closed meanwhile
  }
}
