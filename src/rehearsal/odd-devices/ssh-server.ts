/**
 * One SSH server for one device, on sockets that are handed in. In: its manner. Out: what serves one socket. After an
 * accept it counts every channel, request and new key exchange as an intrusion, and allows the bytes of a disconnect.
 */
import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerConfig } from 'ssh2';
import type { Device, Key, Witness } from './device.ts';

type Method = 'password' | 'keyboard-interactive' | 'publickey';

export interface SshManner {
  readonly methods?: readonly Method[];
  readonly accepts?: (right: boolean, here: string, user: string, password: string, sight: Witness) => boolean;
  /** The method `none` is enough. */
  readonly open?: boolean;
  readonly server?: Partial<ServerConfig>;
}

/** SSH_MSG_DISCONNECT with a description, encrypted and padded. */
const FAREWELL = 160;

const made = new Map<'ed25519' | 'rsa', string>();
function hostKey(type: 'ed25519' | 'rsa'): string {
  const known = made.get(type);
  if (known !== undefined) return known;
  const key =
    type === 'rsa'
      ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).private
      : ssh2.utils.generateKeyPairSync('ed25519').private;
  made.set(type, key);
  return key;
}

/** What routers of fifteen years ago still speak; RFC 4253 with nothing newer. */
export const OLD: Partial<ServerConfig> = {
  get hostKeys() {
    return [hostKey('rsa')];
  },
  ident: 'SSH-2.0-RomSShell_4.31',
  algorithms: {
    kex: ['diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
    cipher: ['aes128-cbc', '3des-cbc'],
    hmac: ['hmac-sha1'],
    serverHostKey: ['ssh-rsa'],
  },
};

/** Every write leaves so much later. */
export function slowly(socket: Socket, ms: number): Socket {
  const write = socket.write.bind(socket);
  const end = socket.end.bind(socket);
  Object.defineProperty(socket, 'write', {
    writable: true,
    value: (chunk: Uint8Array) => {
      setTimeout(() => socket.writable && write(chunk), ms);
      return true;
    },
  });
  Object.defineProperty(socket, 'end', { writable: true, value: () => setTimeout(() => end(), ms) });
  return socket;
}

interface Visit {
  readonly key: Key | null;
  readonly sight: Witness;
  readonly here: string;
}

function serve(client: Connection, manner: SshManner, { key, sight, here }: Visit): void {
  const { methods = ['password'], accepts = right => right, open = false } = manner;
  const judge = (context: AuthContext, password: string) => {
    sight.tried(context.username, password);
    const right = key !== null && context.username === key.user && password === key.password;
    if (!accepts(right, here, context.username, password, sight)) return context.reject([...methods]);
    sight.accepted(FAREWELL);
    context.accept();
  };
  client.on('authentication', context => {
    const { method } = context;
    if (open) {
      sight.accepted(FAREWELL);
      context.accept();
    } else if (context.method === 'password' && methods.includes('password')) judge(context, context.password);
    else if (context.method === 'keyboard-interactive' && methods.includes('keyboard-interactive'))
      context.prompt([{ prompt: 'Password: ', echo: false }], answers => judge(context, answers[0] ?? ''));
    else if (method !== 'hostbased') context.reject([...methods]);
    else context.reject();
  });
  client.on('ready', () => {
    const intruded = () => sight.intruded();
    client.on('session', intruded).on('tcpip', intruded).on('openssh.streamlocal', intruded);
    client.on('request', intruded).on('rekey', intruded);
  });
  client.on('error', () => {});
}

export const sshServer =
  (manner: SshManner): Device =>
  (socket, key, sight) => {
    const waiting = (sight.memory.get('visits') as Map<string, Visit> | undefined) ?? new Map<string, Visit>();
    sight.memory.set('visits', waiting);
    let server = sight.memory.get('server') as ssh2.Server | undefined;
    if (!server) {
      server = new ssh2.Server(
        { hostKeys: [hostKey('ed25519')], ident: 'SSH-2.0-dropbear_2019.78', ...manner.server },
        (client, { ip, port }) => {
          const visit = waiting.get(`${ip} ${port}`);
          waiting.delete(`${ip} ${port}`);
          if (visit) serve(client, manner, visit);
          else client.end();
        },
      );
      sight.memory.set('server', server);
    }
    const name = `${socket.remoteAddress} ${socket.remotePort}`;
    waiting.set(name, { key, sight, here: `${socket.localAddress}:${socket.localPort}` });
    socket.on('close', () => waiting.delete(name));
    server.injectSocket(socket);
  };
