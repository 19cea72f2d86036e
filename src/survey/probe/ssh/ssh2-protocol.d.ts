/**
 * The part of ssh2 1.17 that is used: its transport protocol, which opens no socket and keeps no timer. Bytes in, bytes out.
 * Its Client is not used: it answers messages by itself (host key proofs, channels), and here nothing may. The server's
 * side is for tests and the rehearsal.
 */
declare module 'ssh2/lib/protocol/Protocol.js' {
  interface Lists {
    readonly cipher: readonly string[];
    readonly mac: readonly string[];
    readonly compress: readonly string[];
    readonly lang: readonly string[];
  }
  interface Common {
    /** Without `SSH-2.0-`. */
    readonly ident: string;
    readonly offer: {
      readonly kex: readonly string[];
      readonly serverHostKey: readonly string[];
      readonly cs: Lists;
      readonly sc: Lists;
    };
    readonly onWrite: (bytes: Buffer) => void;
    /** Only of what the protocol itself finds wrong; `parse` also throws. */
    readonly onError: (error: Error) => void;
    /** The peer's identification was read. */
    readonly onHeader?: () => void;
    readonly onHandshakeComplete?: () => void;
  }
  export interface ClientConfig extends Common {
    readonly messageHandlers: {
      readonly DISCONNECT: (protocol: unknown, reason: number, words: string | undefined) => void;
    };
  }
  export interface ServerConfig extends Common {
    readonly server: true;
    /** By algorithm: what `utils.parseKey` makes. */
    readonly hostKeys: Readonly<Record<string, unknown>>;
    /** Lines before the identification. */
    readonly greeting?: string;
    readonly messageHandlers: {
      readonly SERVICE_REQUEST: (protocol: unknown, name: string) => void;
      readonly USERAUTH_REQUEST: (p: unknown, user: string, service: string, method: string, data: unknown) => void;
      readonly USERAUTH_INFO_RESPONSE: (protocol: unknown, answers: readonly string[]) => void;
    };
  }
  export default class Protocol {
    constructor(config: ClientConfig | ServerConfig);
    /** Takes each decrypted message without padding; what is put in its place is taken up when the keys are changed. */
    _onPayload: (payload: Buffer) => void;
    start(): void;
    parse(chunk: Buffer, from: number, to: number): void;
    disconnect(reason: number): void;
    cleanup(): void;
    // The client's.
    service(name: 'ssh-userauth'): void;
    authNone(user: string): void;
    authPassword(user: string, password: string): void;
    authKeyboard(user: string): void;
    authInfoRes(answers: readonly string[]): void;
    // The server's.
    serviceAccept(name: string): void;
    authFailure(methods: readonly string[], partial: boolean): void;
    authSuccess(): void;
    authPasswdChg(prompt: string): void;
    authInfoReq(
      name: string,
      instructions: string,
      prompts: readonly { readonly prompt: string; readonly echo: boolean }[],
    ): void;
    /** A global request that wants an answer. */
    ping(): void;
    rekey(): void;
  }
}

declare module 'ssh2/lib/protocol/crypto.js' {
  /** `init` resolves when ChaCha20-Poly1305 can be used. */
  const crypto: { readonly init: Promise<void> };
  export default crypto;
}
