export function mock() { return { name: 'cenote-mock' }; }
