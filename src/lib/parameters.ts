/** Small secret texts by name that many machines share; a name can be claimed by who comes first. */
export type Parameters = {
  get(name: string): Promise<string | undefined>
  /** False when the name is taken. */
  create(name: string, value: string): Promise<boolean>
  put(name: string, value: string): Promise<void>
}
