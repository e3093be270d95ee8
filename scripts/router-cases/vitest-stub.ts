/** Stands in for Vitest while the titles of tests are collected: nothing runs, every title is noted with its table's values. */

/** Title paths of all tests, in their order. */
export const titles: (readonly string[])[] = []
const path: string[] = []

type Body = (...values: readonly unknown[]) => unknown

function add(title: string): void {
  titles.push([...path, title])
}

function table(onRow: (title: string, row: unknown, body: Body) => void) {
  return (rows: readonly unknown[]) =>
    (title: string, ...rest: readonly unknown[]) => {
      for (const row of rows) onRow(format(title, row), row, rest.find(part => typeof part === 'function') as Body)
    }
}

export const test = Object.assign(add, {for: table(add), each: table(add), extend: (): unknown => test})

export const describe = Object.assign((title: string, body: Body) => within(title, body), {
  for: table((title, row, body) => within(title, () => body(row))),
})

export const expect = undefined

function within(title: string, body: Body): void {
  path.push(title)
  body()
  path.pop()
}

/** `%s`, `%i`, `%j` take the row's values one after the other, `%2$i` the second one. */
function format(title: string, row: unknown): string {
  const values = Array.isArray(row) ? row : [row]
  let next = 0
  return title.replaceAll(/%(?:(\d+)\$)?([sij])/g, (_, position?: string, kind?: string) => {
    const value: unknown = values[position === undefined ? next++ : Number(position) - 1]
    return kind === 'j' ? JSON.stringify(value) : String(value)
  })
}
