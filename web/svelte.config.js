import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    runes: true,
    // Roles of tables are said outright: where rows become cards, what a browser would infer is lost.
    warningFilter: (warning) => warning.code !== 'a11y_no_redundant_roles',
  },
};
