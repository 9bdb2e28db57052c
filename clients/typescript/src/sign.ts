/** What is signed, and the two envelopes that a venue takes: the bytes themselves, and the text that Cosmos wallets sign (ADR-36). */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { addressOf, publicKey } from './keys.js';
import { Refusal } from './refusal.js';
import type { Command, Signed } from './types.js';

/** What is signed. The order of its fields is the order of the bytes. */
export interface Payload {
  /** The venue's id: of no use anywhere else. */
  venue: string;
  /** The account that it acts for. */
  account: string;
  /** Any number that the signer has not used; see `Nonces`. */
  nonce: number;
  /** Of no use from this market time on, ms; at most a day ahead. */
  expires_at: number;
  /** 1 to 100 of them, carried out in order, each by itself. */
  commands: Command[];
}

/** Who signs. */
export interface Signer {
  sign(payload: Payload): Promise<Signed> | Signed;
  /** Every signature asks a person: none is asked for twice. */
  readonly asks?: boolean;
}

/** Signs with a key in the raw envelope. */
export function keySigner(privateKey: string): Signer {
  return { sign: (payload) => signRaw(payload, privateKey) };
}

/** SHA-256 of a payload's bytes, 64 hex digits. */
export function payloadHash(payload: string): string {
  return bytesToHex(sha256(utf8ToBytes(payload)));
}

/** 64 bytes r and s, s low, over SHA-256 of a text's bytes. */
function signature(text: string, privateKey: string): string {
  return bytesToHex(secp256k1.sign(utf8ToBytes(text), hexToBytes(privateKey), { lowS: true, prehash: true, format: 'compact' }));
}

/** Signs with a key: over SHA-256 of exactly the bytes that are sent. */
export function signRaw(payload: Payload, privateKey: string): Signed {
  const text = JSON.stringify(payload);
  return { payload: text, public_key: publicKey(privateKey), signature: signature(text, privateKey), envelope: 'raw' };
}

/** The document that ADR-36 signs for a text: keys sorted, no spaces, the text in base64. */
export function adr36Document(signer: string, text: string): string {
  const data = btoa(String.fromCharCode(...utf8ToBytes(text)));
  const message = { type: 'sign/MsgSignData', value: { data, signer } };
  return JSON.stringify({ account_number: '0', chain_id: '', fee: { amount: [], gas: '0' }, memo: '', msgs: [message], sequence: '0' });
}

/** Signs with a key as a wallet would: `words` are those of `POST /v1/commands/describe` for this very payload. */
export function signAdr36(payload: string, words: string, privateKey: string, prefix = WALLET_PREFIX): Signed {
  const key = publicKey(privateKey);
  return { payload, public_key: key, signature: signature(adr36Document(addressOf(key, prefix), words), privateKey), envelope: { adr36: { prefix } } };
}

/** Whether a signature holds; `words` are needed for the ADR-36 envelope. */
export function holds(signed: Signed, words = ''): boolean {
  const { envelope } = signed;
  const adr36 = envelope && envelope !== 'raw' ? envelope.adr36 : null;
  try {
    const text = adr36 ? adr36Document(addressOf(signed.public_key, adr36.prefix), words) : signed.payload;
    return secp256k1.verify(hexToBytes(signed.signature), utf8ToBytes(text), hexToBytes(signed.public_key), { lowS: true });
  } catch {
    return false;
  }
}

/** What is needed of a wallet such as Keplr. */
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

/** The address here of a wallet's key. */
export async function walletAddress(from: Wallet): Promise<{ address: string; name: string }> {
  const { pubKey, name } = await from.getKey(WALLET_CHAIN);
  return { address: addressOf(bytesToHex(pubKey)), name };
}

/** Signs with a wallet: it shows `words`, which end in the payload's hash, and signs them as ADR-36 data. */
export async function signWithWallet(payload: string, words: string, from: Wallet): Promise<Signed> {
  const key = await from.getKey(WALLET_CHAIN);
  const { signature } = await from.signArbitrary(WALLET_CHAIN, key.bech32Address, words);
  const bytes = Uint8Array.from(atob(signature), (c) => c.charCodeAt(0));
  return { payload, public_key: bytesToHex(key.pubKey), signature: bytesToHex(bytes), envelope: { adr36: { prefix: WALLET_PREFIX } } };
}

/** Signs with a wallet for one account. `describe` asks the venue for the words of a payload. */
export function walletSigner(from: Wallet, account: string, describe: (payload: string) => Promise<string>): Signer {
  return {
    asks: true,
    async sign(payload) {
      const text = JSON.stringify(payload);
      const signed = await signWithWallet(text, await describe(text), from);
      if (addressOf(signed.public_key) === account) return signed;
      throw new Refusal({ code: 'other_key', message: 'The wallet signed with another key; switch the wallet back to this account, or connect it again.' }, 0);
    },
  };
}
