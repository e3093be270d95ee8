import {expect, test} from 'vitest'
import {TerminalText} from '../../src/lib/terminal-text.ts'

test.for([
  ['text and line ends stay', 'a\tb\r\nc\r', 'a\tb\r\nc\r'],
  ['colours stay', '\x1b[1;38;5;4mblue\x1b[m', '\x1b[1;38;5;4mblue\x1b[m'],
  ['other characters stay whole', 'é→🙂', 'é→🙂'],
  ['the second screen goes', '\x1b[?1049h\x1b[2J\x1b[Hx\x1b[?1049l', 'x'],
  ['prompts that ask for brackets round what is pasted', '\x1b[?2004h$ ls\x1b[?2004l\r', '$ ls\r'],
  ['titles go', '\x1b]0;bash\x07$ ', '$ '],
  ['questions go', '\x1b[6n\x1b[>c\x05', ''],
  ['what xterm does to the keyboard is no colour', '\x1b[>4;2m', ''],
  ['bells and backspaces go', 'a\x07\b b\x7f', 'a b'],
] as const)('%s', ([, written, text]) => {
  expect(new TerminalText().push(Buffer.from(written)).toString()).toBe(text)
})
