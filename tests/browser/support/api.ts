/** The public API as a calling system uses it. */
export interface Person {
  readonly userId: string;
  readonly fullName: string;
  readonly group: "doctor" | "patient";
  readonly language?: string;
}

export const doctor: Person = { userId: "doctor-1", fullName: "Dr. Ada Marino", group: "doctor" };
export const patient: Person = { userId: "patient-1", fullName: "Luca Conti", group: "patient" };
export const interpreter: Person = { userId: "interpreter-1", fullName: "Mina Okafor", group: "patient" };

/** Schedules a teleconsultation and returns its id. */
export async function schedule(
  base: string,
  people: readonly Person[],
  { startsInSeconds = 0, durationInSeconds = 3600 } = {},
): Promise<string> {
  const response = await fetch(`${base}/teleconsultation`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      start_date: new Date(Date.now() + startsInSeconds * 1000).toISOString(),
      duration_in_seconds: durationInSeconds,
      participants: { number: people.length, data: people },
    }),
  });
  if (response.status !== 201) throw new Error(`POST /teleconsultation: ${response.status} ${await response.text()}`);
  const { roomId } = (await response.json()) as { roomId: string };
  return roomId;
}

/** The personal access link of one person. */
export async function accessLink(base: string, roomId: string, person: Person): Promise<string> {
  const response = await fetch(`${base}/teleconsultation/${roomId}`, { headers: { miauserid: person.userId } });
  if (response.status !== 200) throw new Error(`GET /teleconsultation: ${response.status} ${await response.text()}`);
  const { accessLinkURL } = (await response.json()) as { accessLinkURL: string | null };
  if (accessLinkURL === null) throw new Error("the link is not open yet");
  return accessLinkURL;
}
