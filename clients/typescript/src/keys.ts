/** Keys: secp256k1, addresses as on a Cosmos chain. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { bech32 } from '@scure/base';

/** The prefix that is shown; any is read. */
export const PREFIX = 'cenote';

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

/** An address with this prefix, whatever prefix it was written with; `null` when it is none. */
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
