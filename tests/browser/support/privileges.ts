import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Settings under which patients have these tools only, while doctors have all. */
export async function patientsMayUse(tools: Record<string, unknown>): Promise<Record<string, string>> {
  const file = join(await mkdtemp(join(tmpdir(), "teleconsultation-config-")), "config.json");
  const privileges = { basic: { groups: ["patient"], tools }, plus: { groups: ["doctor"] } };
  await writeFile(file, JSON.stringify({ privileges }));
  return { TELECONSULTATION_SERVICE_CONFIG_PATH: file };
}
