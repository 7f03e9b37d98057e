/**
 * A schema of any library that implements Standard Schema version 1 (https://standardschema.dev):
 * zod 3.25 and 4, Valibot, ArkType and others. It must validate without a promise.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Validation<Output> | Promise<Validation<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema returns: the parsed value, or what does not fit. */
export type Validation<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One place that does not fit. Its message may quote the value, and zod also names the rule. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The values that a schema takes. */
export type SchemaInput<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];

/** The values that a schema returns. */
export type SchemaOutput<S extends Schema> = NonNullable<S["~standard"]["types"]>["output"];

/** Returns the path of an issue as names and indices. */
export function keysOf({ path = [] }: SchemaIssue): PropertyKey[] {
  return path.map((part) => typeof part === "object" ? part.key : part);
}

/** Validates a value. Throws a TypeError for a schema that answers with a promise. */
export function validate<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
): Validation<Output> {
  const validation = schema["~standard"].validate(value);
  if (!(validation instanceof Promise)) return validation;
  validation.catch(() => {});
  throw new TypeError(
    "a schema must validate without a promise: check asynchronously in the handler",
  );
}
