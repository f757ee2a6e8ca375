/** Models as JSON, for other programs. */
import * as z from 'zod'
import { harmlessJson } from '../../base/foreign-text.ts'

/** A document of a schema. What is infinite, or not a number, is absent. */
export function renderJson(document: unknown, indent: number): string {
  const finite = (_key: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? undefined : value
  return `${harmlessJson(JSON.stringify(document, finite, indent))}\n`
}

/** What becomes a document: its names in camel case, and whatever else a model has. */
export type ModelOf<T> = T extends readonly (infer Item)[]
  ? readonly ModelOf<Item>[]
  : T extends object
    ? { readonly [Name in keyof T as Camel<Name>]: ModelOf<T[Name]> }
    : T
type Camel<Name> = Name extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Name

/** A model as its schema has it: what that does not name is left out. Columns keep their names. */
export function shaped<Schema extends z.ZodType>(schema: Schema, model: ModelOf<z.input<Schema>>): unknown {
  return shapedAs(schema, model)
}

function shapedAs(schema: unknown, model: unknown): unknown {
  if (schema instanceof z.ZodOptional) return shapedAs(schema.unwrap(), model)
  if (schema instanceof z.ZodArray && Array.isArray(model))
    return model.map(each => shapedAs(schema.element, each))
  if (!(schema instanceof z.ZodObject) || schema.def.catchall || typeof model !== 'object' || model === null)
    return model
  const values = new Map<string, unknown>(Object.entries(model))
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const camel = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    return [name, shapedAs(field, values.get(camel) ?? values.get(name))]
  })
  return Object.fromEntries(fields)
}
