/** What is read aloud: the reader's own fills, refusals and changes of the connection. Never prices. */

class Live {
  text = $state('');

  /** Says something politely, also when it is the same as before. */
  say(text: string) {
    // A trailing space makes the same words a change that is read again.
    this.text = this.text === text ? `${text}\u00a0` : text;
  }
}

export const live = new Live();
