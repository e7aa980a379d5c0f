// The setting `languages`: a map from language identifier to on or off, with "*" for every other one. Pure.

export type LanguageSwitches = Readonly<Record<string, boolean>>;

export function isOn(switches: LanguageSwitches, language: string): boolean {
  return switches[language] ?? switches['*'] ?? true;
}
