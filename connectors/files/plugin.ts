/**
 * The plugin for files: COPY in SQL, and the import of files as tables.
 *
 * @module
 */
import process from "node:process";
import { definePlugin, type Plugin } from "../../src/kernel/plugin.ts";
import { type CopyEnvironment, runCopy } from "./copy_statement.ts";
import type { FilePath } from "./file_source.ts";
import { importFile, type ImportOptions, type ImportResult, type ImportTarget } from "./import_file.ts";

/** Which files statements may use. */
export type FilePermission = boolean | ((path: string) => boolean);

/** Options of {@linkcode fileFormats}. */
export interface FileFormatsOptions {
  /** Files that COPY ... FROM may read; all by default. */
  readonly read?: FilePermission;
  /** Files that COPY ... TO may write; all by default. */
  readonly write?: FilePermission;
  /** Takes the output of COPY ... TO STDOUT; standard output by default. */
  readonly stdout?: (text: string) => void;
}

/** `db.plugins.fileFormats`. */
export interface FileFormatsApi {
  /**
   * Imports a file into `db`, by default as a new table named after the file, with inferred types.
   *
   * @throws {SchemaError} `invalid-input` naming file, line and column; nothing is imported then
   */
  import(db: ImportTarget, path: FilePath, options?: ImportOptions): Promise<ImportResult>;
}

/**
 * The plugin. Its statements reach the files of the machine: give `read` and `write` where statements come
 * from people who should not.
 */
export function fileFormats(options: FileFormatsOptions = {}): Plugin<"fileFormats", FileFormatsApi> {
  const { read = true, write = true, stdout = writeToStandardOutput } = options;
  const permissions = { read, write };
  return definePlugin({
    name: "fileFormats",
    setup: (host) => {
      const environment: CopyEnvironment = {
        host,
        allowed: (action, path) => {
          const permission = permissions[action];
          return typeof permission === "function" ? permission(path) : permission;
        },
        stdout,
      };
      return {
        api: { import: importFile },
        hooks: {
          statement: (statement, _context, session) =>
            statement.kind === "copy" ? runCopy(statement, session, environment) : undefined,
        },
      };
    },
  });
}

function writeToStandardOutput(text: string): void {
  process.stdout.write(text);
}
