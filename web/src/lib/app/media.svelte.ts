/** Where the page is looked at. */

class Media {
  /** One column: a phone, or a narrow window. */
  narrow = $state(false);

  constructor() {
    const query = matchMedia('(max-width: 859px)');
    this.narrow = query.matches;
    query.addEventListener('change', (event) => (this.narrow = event.matches));
  }
}

export const media = new Media();
