import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import * as keys from './keys';

const ONE = `${'0'.repeat(63)}1`;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const payload = (nonce: number): keys.Payload => ({
  venue: 'test',
  account: keys.addressOf(keys.publicKey(ONE)),
  nonce,
  expires_at: 1_000,
  commands: [{ type: 'withdraw', amount: '12.5' }],
});

describe('addresses', () => {
  it('are those of Cosmos wallets', () => {
    const cosmos = keys.addressOf(keys.publicKey(ONE), 'cosmos');
    expect(cosmos.startsWith('cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k')).toBe(true);
  });
  it('are read with any prefix and shown with one', () => {
    const key = keys.publicKey(ONE);
    expect(keys.readAddress(` ${keys.addressOf(key, 'osmo')} `)).toBe(keys.addressOf(key));
    const wrong = keys.addressOf(key);
    for (const text of ['', 'cenote1', `${wrong}q`, wrong.slice(0, -1), wrong.replace('cenote', 'cenota')]) {
      expect(keys.readAddress(text)).toBeNull();
    }
  });
});

describe('signatures', () => {
  it('hold for exactly the bytes that are sent, with a low s, 64 bytes', () => {
    for (let nonce = 0; nonce < 40; nonce += 1) {
      const signed = keys.signRaw(payload(nonce), ONE);
      expect(signed.signature).toMatch(/^[0-9a-f]{128}$/);
      expect(BigInt(`0x${signed.signature.slice(64)}`)).toBeLessThanOrEqual(ORDER / 2n);
      const holds = (text: string) =>
        secp256k1.verify(hexToBytes(signed.signature), utf8ToBytes(text), hexToBytes(signed.public_key), { lowS: true });
      expect(holds(signed.payload)).toBe(true);
      expect(holds(signed.payload.replace('12.5', '12.6'))).toBe(false);
    }
  });
  it('of a wallet are over a document with sorted keys and no spaces', () => {
    expect(keys.adr36Document('cosmos1x', 'Cenote \u2026')).toBe(
      '{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"Q2Vub3RlIOKApg==","signer":"cosmos1x"}}],"sequence":"0"}',
    );
  });
  it('of a wallet keep the payload as it was described', async () => {
    const key = hexToBytes(keys.publicKey(ONE));
    const asked: string[] = [];
    const wallet: keys.Wallet = {
      enable: async () => {},
      getKey: async () => ({ name: 'me', pubKey: key, bech32Address: keys.addressOf(keys.publicKey(ONE), 'cosmos') }),
      signArbitrary: async (_, signer, data) => {
        asked.push(data);
        const signature = secp256k1.sign(utf8ToBytes(keys.adr36Document(signer, data)), hexToBytes(ONE));
        return { signature: btoa(String.fromCharCode(...signature)) };
      },
    };
    const signed = await keys.signWithWallet('{"venue":"test"}', 'Withdraw 12.5', wallet);
    expect(asked).toEqual(['Withdraw 12.5']);
    expect(signed.payload).toBe('{"venue":"test"}');
    expect(signed.envelope).toEqual({ adr36: { prefix: 'cosmos' } });
    const document = keys.adr36Document(keys.addressOf(signed.public_key, 'cosmos'), 'Withdraw 12.5');
    expect(secp256k1.verify(hexToBytes(signed.signature), utf8ToBytes(document), hexToBytes(signed.public_key))).toBe(true);
  });
});

describe('keys', () => {
  it('come back from the file that they were exported to', () => {
    const key = keys.newKey();
    expect(keys.readKey(keys.exportFile(key))).toBe(key);
    expect(keys.readKey(`0x${key.toUpperCase()}`)).toBe(key);
  });
  it.each(['', 'x', '0'.repeat(64), ORDER.toString(16), `${ONE}0`, '{"private_key":7}', '{'])('refuse %j', (text) =>
    expect(keys.readKey(text)).toBeNull(),
  );
  it('of a session are the same for the same secret', () => {
    const secret = keys.randomHex(32);
    expect(keys.sessionKey(secret)).toBe(keys.sessionKey(secret));
    expect(keys.sessionKey(secret)).not.toBe(keys.sessionKey(keys.randomHex(32)));
  });
});
