// A language's display name: "C#", not "csharp".
import { extensions } from 'vscode';

interface Manifest {
  contributes?: { languages?: { id: string; aliases?: string[] }[] };
}

/** The first alias that an extension contributes for it; if there is none, its identifier. */
export function languageName(id: string): string {
  for (const extension of extensions.all) {
    const { contributes } = extension.packageJSON as Manifest;
    const name = contributes?.languages?.find(language => language.id === id && language.aliases?.length)?.aliases?.[0];
    if (name !== undefined) return name;
  }
  return id;
}
