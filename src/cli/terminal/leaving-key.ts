/** Ctrl-] as a byte, and as terminals send it to a program that asked for keys in full (kitty, modifyOtherKeys). */
const forms = [Buffer.of(0x1d), Buffer.from('\x1b[93;5u'), Buffer.from('\x1b[27;5;93~')]

/** Where Ctrl-] stands in what was typed: what came before it still belongs to the dyno. Undefined when it was not typed. */
export function leavingKey(typed: Buffer): {readonly before: Buffer} | undefined {
  const starts = forms.map(form => typed.indexOf(form)).filter(start => start >= 0)
  return starts.length === 0 ? undefined : {before: typed.subarray(0, Math.min(...starts))}
}
