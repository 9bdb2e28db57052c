import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as client from '@cenote/client';

const ONE = `${'0'.repeat(63)}1`;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const ALICE = client.addressOf(client.publicKey(ONE));

const payload = (nonce) => ({ venue: 'test', account: ALICE, nonce, expires_at: 1_000, commands: [{ type: 'withdraw', amount: '12.5' }] });

describe('addresses', () => {
  it('are those of Cosmos wallets', () => {
    const cosmos = client.addressOf(client.publicKey(ONE), 'cosmos');
    assert.ok(cosmos.startsWith('cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7k'));
  });
  it('are read with any prefix and shown with one', () => {
    const key = client.publicKey(ONE);
    assert.equal(client.readAddress(` ${client.addressOf(key, 'osmo')} `), ALICE);
    for (const text of ['', 'cenote1', `${ALICE}q`, ALICE.slice(0, -1), ALICE.replace('cenote', 'cenota')]) assert.equal(client.readAddress(text), null);
  });
});

describe('signatures', () => {
  it('hold for exactly the bytes that are sent, with a low s, 64 bytes', () => {
    for (let nonce = 0; nonce < 40; nonce += 1) {
      const signed = client.signRaw(payload(nonce), ONE);
      assert.match(signed.signature, /^[0-9a-f]{128}$/);
      assert.ok(BigInt(`0x${signed.signature.slice(64)}`) <= ORDER / 2n);
      assert.ok(client.holds(signed));
      assert.ok(!client.holds({ ...signed, payload: signed.payload.replace('12.5', '12.6') }));
      assert.ok(!client.holds({ ...signed, public_key: client.publicKey(client.newKey()) }));
    }
    assert.ok(!client.holds({ ...client.signRaw(payload(1), ONE), signature: 'no hex' }));
  });
  it('of a wallet are over a document with sorted keys and no spaces', () => {
    assert.equal(
      client.adr36Document('cosmos1x', 'Cenote \u2026'),
      '{"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"sign/MsgSignData","value":{"data":"Q2Vub3RlIOKApg==","signer":"cosmos1x"}}],"sequence":"0"}',
    );
  });
  it('of a wallet hold for its words alone', () => {
    const signed = client.signAdr36('{"venue":"test"}', 'Withdraw 12.5', ONE);
    assert.deepEqual(signed.envelope, { adr36: { prefix: 'cosmos' } });
    assert.ok(client.holds(signed, 'Withdraw 12.5'));
    assert.ok(!client.holds(signed, 'Withdraw 12.6'));
    assert.ok(!client.holds({ ...signed, envelope: { adr36: { prefix: 'osmo' } } }, 'Withdraw 12.5'));
  });
  it('of a wallet keep the payload as it was described, and are asked for by its words', async () => {
    const [asked, described] = [[], []];
    const wallet = {
      enable: async () => {},
      getKey: async () => ({ name: 'Me', pubKey: Buffer.from(client.publicKey(ONE), 'hex'), bech32Address: client.addressOf(client.publicKey(ONE), 'cosmos') }),
      signArbitrary: async (_, signer, text) => {
        asked.push(text);
        return { signature: Buffer.from(client.signAdr36('', text, ONE).signature, 'hex').toString('base64') };
      },
    };
    const describe = async (text) => described.push(text) && 'Withdraw 12.5';
    const signed = await client.walletSigner(wallet, ALICE, describe).sign(payload(7));
    assert.deepEqual(asked, ['Withdraw 12.5']);
    assert.deepEqual(described, [signed.payload]);
    assert.ok(client.holds(signed, 'Withdraw 12.5'));
    const other = client.addressOf(client.publicKey(client.newKey()));
    await assert.rejects(async () => client.walletSigner(wallet, other, describe).sign(payload(8)), { code: 'other_key' });
  });
});

describe('keys', () => {
  it('come back from the file that they were exported to', () => {
    const key = client.newKey();
    assert.equal(client.readKey(client.exportFile(key)), key);
    assert.equal(client.readKey(`0x${key.toUpperCase()}`), key);
  });
  it('are refused when they are none', () => {
    for (const text of ['', 'x', '0'.repeat(64), ORDER.toString(16), `${ONE}0`, '{"private_key":7}', '{']) assert.equal(client.readKey(text), null, text);
  });
  it('of a session are the same for the same secret', () => {
    const secret = client.randomHex(32);
    assert.equal(client.sessionKey(secret), client.sessionKey(secret));
    assert.notEqual(client.sessionKey(secret), client.sessionKey(client.randomHex(32)));
  });
});
