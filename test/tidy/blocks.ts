// Bodies of functions in code whose comments and literals are blanked: by braces, and by what stands before them.

export interface Block {
  /** Line of the opening brace, from 1. */
  readonly line: number;
  /** Lines from the opening brace to the closing one. */
  readonly lines: number;
}

const BODY = /(?:=>|\)(?:\s*:\s*[^{}]*)?)\s*$/;
const CONTROL = /^\s*(?:\}\s*)?(?:if|for|while|switch|catch|else|do|try)\b/;

/** Functions, methods and arrows with a body in braces, inner ones too. */
export function blocksOf(code: string): Block[] {
  const blocks: Block[] = [];
  const open: { line: number; body: boolean }[] = [];
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < code.length; at += 1) {
    const character = code[at];
    if (character === '\n') {
      line += 1;
      lineStart = at + 1;
    } else if (character === '{') {
      const before = code.slice(lineStart, at);
      open.push({ line, body: BODY.test(before) && !CONTROL.test(before) });
    } else if (character === '}') {
      const block = open.pop();
      if (block?.body === true) blocks.push({ line: block.line, lines: line - block.line + 1 });
    }
  }
  return blocks;
}
