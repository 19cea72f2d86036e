/** A state in word, shape and colour together: a disc for fixed, a triangle for still open, a square for cannot tell, dots while we wait. */
import type { Child, FC } from 'hono/jsx';

export type Look = 'fixed' | 'open' | 'unknown' | 'waiting';

const Shape: FC<{ look: Look }> = ({ look }) => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    {look === 'fixed' ? (
      <>
        <circle cx="16" cy="16" r="15" />
        <path d="M9 16.5l5 5 9-10" />
      </>
    ) : look === 'open' ? (
      <polygon points="16,3 30,28 2,28" />
    ) : look === 'waiting' ? (
      <>
        <rect x="1" y="8" width="30" height="16" rx="8" />
        <path d="M9 16h.1M16 16h.1M23 16h.1" />
      </>
    ) : (
      <>
        <rect x="2" y="2" width="28" height="28" rx="3" />
        <path d="M12 12.5a4 4 0 1 1 5.2 3.8c-.9.3-1.2 1-1.2 2.2M16 23.6v.2" />
      </>
    )}
  </svg>
);

export const State: FC<{ look: Look; word: string; children?: Child }> = props => (
  <div class={`state ${props.look}`} role="status">
    <Shape look={props.look} />
    <div>
      <p class="word">{props.word}</p>
      {props.children}
    </div>
  </div>
);
