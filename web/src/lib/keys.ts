/** Keys and signatures: secp256k1, addresses as on a Cosmos chain, and the two envelopes that a venue takes. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { bech32 } from '@scure/base';
import type { Command, Signed } from './api/types';

/** The prefix that is shown; any is read. */
export const PREFIX = 'cenote';

/** What is signed. The order of its fields is the order of the bytes. */
export interface Payload {
  venue: string;
  account: string;
  nonce: number;
  expires_at: number;
  commands: Command[];
}

/** A new private key, 64 hex digits. */
export function newKey(): string {
  return bytesToHex(secp256k1.utils.randomSecretKey());
}

/** The compressed public key, 66 hex digits. */
export function publicKey(privateKey: string): string {
  return bytesToHex(secp256k1.getPublicKey(hexToBytes(privateKey), true));
}

/** The address of a compressed public key: RIPEMD-160 of SHA-256, in bech32. */
export function addressOf(publicKeyHex: string, prefix = PREFIX): string {
  return bech32.encode(prefix, bech32.toWords(ripemd160(sha256(hexToBytes(publicKeyHex)))));
}

/** An address with the prefix of this page, whatever prefix it was written with; `null` when it is none. */
export function readAddress(text: string, prefix = PREFIX): string | null {
  try {
    const { words } = bech32.decode(text.trim() as `${string}1${string}`);
    const bytes = bech32.fromWords(words);
    return bytes.length === 20 ? bech32.encode(prefix, bech32.toWords(bytes)) : null;
  } catch {
    return null;
  }
}

/** A private key from what a person pasted: 64 hex digits, perhaps after `0x`, or an exported file. `null` when it is none. */
export function readKey(text: string): string | null {
  let hex = text.trim();
  if (hex.startsWith('{')) {
    try {
      const file = JSON.parse(hex) as { private_key?: unknown };
      hex = typeof file.private_key === 'string' ? file.private_key : '';
    } catch {
      return null;
    }
  }
  hex = hex.replace(/^0x/i, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex)) return null;
  return secp256k1.utils.isValidSecretKey(hexToBytes(hex)) ? hex : null;
}

/** The file that holds a key: `readKey` reads it back. */
export function exportFile(privateKey: string): string {
  const file = { kind: 'cenote key', address: addressOf(publicKey(privateKey)), private_key: privateKey };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** SHA-256 of a payload's bytes, 64 hex digits. */
export function payloadHash(payload: string): string {
  return bytesToHex(sha256(utf8ToBytes(payload)));
}

/** Signs with a key: 64 bytes r and s, s low, over SHA-256 of exactly the bytes that are sent. */
export function signRaw(payload: Payload, privateKey: string): Signed {
  const text = JSON.stringify(payload);
  const signature = secp256k1.sign(utf8ToBytes(text), hexToBytes(privateKey), { lowS: true, prehash: true, format: 'compact' });
  return { payload: text, public_key: publicKey(privateKey), signature: bytesToHex(signature), envelope: 'raw' };
}

/** What this page needs of a wallet such as Keplr. */
export interface Wallet {
  enable(chain: string): Promise<void>;
  getKey(chain: string): Promise<{ name: string; pubKey: Uint8Array; bech32Address: string }>;
  signArbitrary(chain: string, signer: string, data: string): Promise<{ signature: string }>;
}

/** Wallets sign for a chain that they know; nothing is sent to it. */
export const WALLET_CHAIN = 'cosmoshub-4';
const WALLET_PREFIX = 'cosmos';

/** The wallet of this browser, if it has one. */
export function wallet(): Wallet | null {
  return (globalThis as { keplr?: Wallet }).keplr ?? null;
}

/** Signs with a wallet: it shows `words`, which end in the payload's hash, and signs them as ADR-36 data. */
export async function signWithWallet(payload: string, words: string, from: Wallet): Promise<Signed> {
  const key = await from.getKey(WALLET_CHAIN);
  const { signature } = await from.signArbitrary(WALLET_CHAIN, key.bech32Address, words);
  const bytes = Uint8Array.from(atob(signature), (c) => c.charCodeAt(0));
  return {
    payload,
    public_key: bytesToHex(key.pubKey),
    signature: bytesToHex(bytes),
    envelope: { adr36: { prefix: WALLET_PREFIX } },
  };
}

/** The document that ADR-36 signs for a text: keys sorted, no spaces, the text in base64. */
export function adr36Document(signer: string, text: string): string {
  const data = btoa(String.fromCharCode(...utf8ToBytes(text)));
  const message = { type: 'sign/MsgSignData', value: { data, signer } };
  return JSON.stringify({ account_number: '0', chain_id: '', fee: { amount: [], gas: '0' }, memo: '', msgs: [message], sequence: '0' });
}

/** The session key of an API secret: the venue derives the same one. */
export function sessionKey(apiSecret: string): string {
  let bytes = sha256(utf8ToBytes(`cenote api secret/${apiSecret}`));
  while (!secp256k1.utils.isValidSecretKey(bytes)) bytes = sha256(bytes);
  return bytesToHex(bytes);
}

/** Text of so many random bytes, in hex: ids and secrets of API keys. */
export function randomHex(bytes: number): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(bytes)));
}
