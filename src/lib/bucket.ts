/** An object of a bucket with the tag of this very version of it. */
export type BucketObject = {readonly bytes: Buffer; readonly tag: string}

/**
 * A store of objects by key that many write to at once, as S3 is one: each write can be bound to what was there before. Nothing is
 * read back half written. Calls reject when the store cannot be reached or refuses; that something is there or not is an answer.
 */
export type Bucket = {
  get(key: string): Promise<BucketObject | undefined>
  has(key: string): Promise<boolean>
  /** Writes only if the key is free; false when it is not. */
  create(key: string, bytes: Uint8Array): Promise<boolean>
  /** Writes only over the version that `tag` names; false when another is there by now. */
  replace(key: string, bytes: Uint8Array, tag: string): Promise<boolean>
  /** Keys that begin with `prefix`, in order. */
  list(prefix: string): Promise<readonly string[]>
  /** As `create`, from a file, in parts that a later call with the same file need not send again. */
  createFromFile(key: string, file: string): Promise<boolean>
  /** Writes the object into a file; false when there is none. */
  getToFile(key: string, file: string): Promise<boolean>
}
