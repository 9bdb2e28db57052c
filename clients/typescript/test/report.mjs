// One line a test, `ok` or `FAIL`, and what was wrong: what whoever runs the checks of this repository reads.
export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A group is its tests.
    if (data.details?.type === 'suite') continue;
    const word = type === 'test:fail' ? 'FAIL' : data.skip ? 'skipped:' : 'ok';
    yield `${word.padEnd(4)} ${data.name}\n`;
    if (word === 'FAIL') yield `${data.details.error?.cause?.stack ?? data.details.error?.stack ?? ''}\n`;
  }
}
