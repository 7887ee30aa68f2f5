//! Every statement of the engine.

db::statements! {
    /// $1 names as a JSON array, locked in order.
    pub(crate) LOCK = sqlite "SELECT value FROM json_each($1)"
        postgres "SELECT pg_advisory_xact_lock(hashtextextended(k, 0)) FROM
            (SELECT DISTINCT value AS k FROM json_array_elements_text($1::json) ORDER BY 1) AS q";

    /// $1 a name; whether nobody else holds it. SQLite has one writer.
    pub(crate) TRY_LOCK = sqlite "SELECT $1 = $1 AS locked"
        postgres "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked";

    /// The database's wall clock in milliseconds UTC.
    pub(crate) CLOCK = sqlite "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now"
        postgres "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now";

    pub(crate) RUN_INSERT = "INSERT INTO run (id, organization, workflow, revision, subject, dedupe,
            concurrency, singleton, parent, input, state, wake_at, epoch, signals, event_floor,
            created_at, flow, priority)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'ready', $11, 0, 0,
            (SELECT coalesce(max(seq), 0) FROM event), $12, $13, $14)
        ON CONFLICT DO NOTHING";
    pub(crate) RUN_FOUND = "SELECT id FROM run WHERE id = $1
            OR (workflow = $2 AND dedupe = $3)
            OR (workflow = $2 AND singleton = $4 AND ended_at IS NULL)
        ORDER BY created_at LIMIT 1";
    pub(crate) SINGLETON_ALIVE =
        "SELECT id FROM run WHERE workflow = $1 AND singleton = $2 AND ended_at IS NULL";
    pub(crate) RUN_CANCEL = "UPDATE run SET state = 'cancelled', epoch = epoch + 1, wake_at = NULL,
            owner = NULL, lease_until = NULL, ended_at = $4, error_code = $2, error_message = $3
        WHERE id = $1 AND ended_at IS NULL RETURNING parent, concurrency";
    pub(crate) RUN_CHILDREN = "SELECT id FROM run WHERE parent = $1 AND ended_at IS NULL";
    /// Wakes one run, $2 now; one that executes will see the counter when it parks.
    pub(crate) RUN_SIGNAL = "UPDATE run SET signals = signals + 1,
            wake_at = CASE WHEN state = 'waiting' AND (wake_at IS NULL OR wake_at > $2)
                THEN $2 ELSE wake_at END
        WHERE id = $1 AND ended_at IS NULL";

    pub(crate) WAIT_CANCEL = "INSERT INTO wait (run, name, key, purpose)
        VALUES ($1, $2, $3, 'cancel') ON CONFLICT DO NOTHING";
    pub(crate) WAIT_CLEAR = "DELETE FROM wait WHERE run = $1";
    pub(crate) EVENT_INSERT = "INSERT INTO event (name, key, dedupe, payload, at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    pub(crate) WAITING_WAKE = "UPDATE run SET signals = signals + 1,
            wake_at = CASE WHEN state = 'waiting' AND (wake_at IS NULL OR wake_at > $3)
                THEN $3 ELSE wake_at END
        WHERE id IN (SELECT run FROM wait WHERE name = $1 AND key = $2 AND purpose = 'wake')
            AND ended_at IS NULL";
    pub(crate) WAITING_CANCEL =
        "SELECT run FROM wait WHERE name = $1 AND key = $2 AND purpose = 'cancel' ORDER BY run";
    /// The oldest events that a run may take: $1 run, $2 name, $3 key.
    pub(crate) EVENT_NEXT = "SELECT e.seq, e.payload FROM event AS e
        WHERE e.name = $2 AND e.key = $3
            AND e.seq > (SELECT r.event_floor FROM run AS r WHERE r.id = $1)
            AND NOT EXISTS (SELECT 1 FROM step AS s WHERE s.run = $1 AND s.event = e.seq)
        ORDER BY e.seq LIMIT 8";

    pub(crate) QUEUE_RELEASE = "UPDATE run SET state = 'ready', wake_at = $2
        WHERE id IN (SELECT id FROM run WHERE concurrency = $1 AND state = 'queued'
            AND wake_at IS NULL ORDER BY priority DESC, created_at, id LIMIT $3)";
    /// Queued runs whose key nobody holds: what a crash between two commits left behind.
    pub(crate) QUEUE_SWEEP = "UPDATE run SET state = 'ready', wake_at = $1
        WHERE state = 'queued' AND wake_at IS NULL AND NOT EXISTS (SELECT 1 FROM run AS o
            WHERE o.concurrency = run.concurrency AND o.state = 'running' AND o.lease_until > $1)";

    /// Ends the leases of everybody else; $1 now, $2 us.
    pub(crate) INHERIT = "UPDATE run SET wake_at = $1, lease_until = $1
        WHERE state = 'running' AND owner <> $2";

    /// When the next run that this program knows is due; $1 definitions as JSON.
    pub(crate) NEXT_WAKE = sqlite "SELECT min((SELECT wake_at FROM run
            WHERE priority = p.level AND wake_at IS NOT NULL
            AND (workflow || '@' || revision) IN (SELECT value FROM json_each($1))
            ORDER BY wake_at LIMIT 1)) AS wake_at
            FROM (SELECT -1 AS level UNION ALL SELECT 0 UNION ALL SELECT 1) AS p"
        postgres "SELECT min((SELECT wake_at FROM run
            WHERE priority = p.level AND wake_at IS NOT NULL
            AND (workflow || '@' || revision) IN (SELECT json_array_elements_text($1::json))
            ORDER BY wake_at LIMIT 1)) AS wake_at
            FROM (SELECT -1 AS level UNION ALL SELECT 0 UNION ALL SELECT 1) AS p";
    pub(crate) NEXT_SCHEDULE = "SELECT next_at FROM schedule WHERE next_at IS NOT NULL AND enabled
            ORDER BY next_at LIMIT 1";
    /// $1 now, $2 definitions, $3 how many, $4 which priority.
    pub(crate) DUE = sqlite "SELECT id, workflow, revision, concurrency, started_at, flow, gathered,
            created_at, input FROM run WHERE priority = $4 AND wake_at <= $1
            AND (workflow || '@' || revision) IN (SELECT value FROM json_each($2))
            ORDER BY wake_at, id LIMIT $3"
        postgres "SELECT id, workflow, revision, concurrency, started_at, flow, gathered,
            created_at, input FROM run WHERE priority = $4 AND wake_at <= $1
            AND (workflow || '@' || revision) IN (SELECT json_array_elements_text($2::json))
            ORDER BY wake_at, id LIMIT $3 FOR UPDATE SKIP LOCKED";
    /// Runs that have come and are not gathered yet: $1 workflow, $2 revision, $3 key, $4 now.
    pub(crate) FLOW_FRESH = "SELECT id, workflow, revision, concurrency, started_at, flow, gathered,
            created_at, input FROM run
        WHERE workflow = $1 AND revision = $2 AND flow = $3 AND started_at IS NULL
            AND ended_at IS NULL AND gathered = 0
            AND (wake_at <= $4 OR (state = 'queued' AND wake_at IS NOT NULL))
        ORDER BY created_at, id";
    /// When the last runs began: $1 workflow, $2 revision, $3 key, $4 after when, $5 how many.
    pub(crate) FLOW_BEGUN = "SELECT started_at FROM run
        WHERE workflow = $1 AND revision = $2 AND flow = $3 AND started_at > $4
        ORDER BY started_at DESC LIMIT $5";
    /// Lets runs wait that would begin: $1 [{r, w}].
    pub(crate) HOLD = sqlite "UPDATE run SET state = 'queued', wake_at = j.value->>'w'
            FROM json_each($1) AS j WHERE run.id = unhex(j.value->>'r')"
        postgres "UPDATE run SET state = 'queued', wake_at = j.w
            FROM json_to_recordset($1::json) AS j(r uuid, w bigint) WHERE run.id = j.r";
    /// A run is made of several starts: $1 run, $2 how many, $3 their input.
    pub(crate) GATHER = "UPDATE run SET gathered = $2, input = $3 WHERE id = $1";
    /// Executing runs by concurrency key: $1 keys, $2 now, $3 the candidates, which don't count.
    pub(crate) HELD = sqlite "SELECT concurrency, count(*) AS n FROM run
            WHERE concurrency IN (SELECT value FROM json_each($1)) AND state = 'running'
            AND lease_until > $2 GROUP BY concurrency"
        postgres "SELECT concurrency, count(*) AS n FROM run
            WHERE concurrency IN (SELECT json_array_elements_text($1::json)) AND state = 'running'
            AND lease_until > $2 GROUP BY concurrency";
    /// $1 ids, $2 owner, $3 lease until, $4 now.
    pub(crate) CLAIM = sqlite "UPDATE run SET state = 'running', epoch = epoch + 1, owner = $2,
            lease_until = $3, wake_at = $3, started_at = coalesce(started_at, $4)
            WHERE id IN (SELECT unhex(value) FROM json_each($1))
            RETURNING id, workflow, revision, organization, subject, input, epoch, signals, parent,
            concurrency, created_at, started_at,
            (SELECT count(*) FROM wait WHERE wait.run = run.id) AS waits"
        postgres "UPDATE run SET state = 'running', epoch = epoch + 1, owner = $2,
            lease_until = $3, wake_at = $3, started_at = coalesce(started_at, $4)
            WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json))
            RETURNING id, workflow, revision, organization, subject, input, epoch, signals, parent,
            concurrency, created_at, started_at,
            (SELECT count(*) FROM wait WHERE wait.run = run.id) AS waits";
    pub(crate) ENQUEUE = sqlite "UPDATE run SET state = 'queued', wake_at = NULL, epoch = epoch + 1,
            owner = NULL, lease_until = NULL
            WHERE id IN (SELECT unhex(value) FROM json_each($1))"
        postgres "UPDATE run SET state = 'queued', wake_at = NULL, epoch = epoch + 1,
            owner = NULL, lease_until = NULL
            WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json))";
    pub(crate) STEPS_OF = sqlite "SELECT run, name, nth, place, kind, state, attempts, output,
            error_code, error_message, due, event, started_at FROM step
            WHERE run IN (SELECT unhex(value) FROM json_each($1))"
        postgres "SELECT run, name, nth, place, kind, state, attempts, output,
            error_code, error_message, due, event, started_at FROM step
            WHERE run IN (SELECT value::uuid FROM json_array_elements_text($1::json))";
    /// Longer leases for those who still own them: $1 [{r, e}], $2 until.
    pub(crate) RENEW = sqlite "UPDATE run SET lease_until = $2, wake_at = $2 FROM json_each($1) AS j
            WHERE run.id = unhex(j.value->>'r') AND run.epoch = j.value->>'e'
            AND run.state = 'running' RETURNING id"
        postgres "UPDATE run SET lease_until = $2, wake_at = $2
            FROM json_to_recordset($1::json) AS j(r uuid, e bigint)
            WHERE run.id = j.r AND run.epoch = j.e AND run.state = 'running' RETURNING id";

    /// Steps of many runs, each only for its run's present owner: $1 [{r, e, n, ...}].
    pub(crate) CHECKPOINT = sqlite "INSERT INTO step (run, name, nth, place, kind, state, attempts,
            output, error_code, error_message, due, event, started_at, ended_at)
            SELECT r.id, j.value->>'n', j.value->>'i', j.value->>'p', j.value->>'k', j.value->>'s',
            j.value->>'a', j.value->>'o', j.value->>'c', j.value->>'m', j.value->>'d',
            j.value->>'v', j.value->>'b', j.value->>'f'
            FROM json_each($1) AS j JOIN run AS r
            ON r.id = unhex(j.value->>'r') AND r.epoch = j.value->>'e' AND r.state = 'running'
            WHERE true
            ON CONFLICT (run, name, nth) DO UPDATE SET state = excluded.state,
            attempts = excluded.attempts, output = excluded.output,
            error_code = excluded.error_code, error_message = excluded.error_message,
            due = excluded.due, event = excluded.event, ended_at = excluded.ended_at
            RETURNING run"
        postgres "WITH fenced AS (SELECT r.id, j.* FROM json_to_recordset($1::json) AS j(r uuid,
            e bigint, n text, i bigint, p bigint, k text, s text, a bigint, o text, c text, m text,
            d bigint, v bigint, b bigint, f bigint)
            JOIN run AS r ON r.id = j.r AND r.epoch = j.e AND r.state = 'running'
            ORDER BY r.id FOR SHARE OF r)
            INSERT INTO step (run, name, nth, place, kind, state, attempts,
            output, error_code, error_message, due, event, started_at, ended_at)
            SELECT id, n, i, p, k, s, a, o, c, m, d, v, b, f FROM fenced
            ON CONFLICT (run, name, nth) DO UPDATE SET state = excluded.state,
            attempts = excluded.attempts, output = excluded.output,
            error_code = excluded.error_code, error_message = excluded.error_message,
            due = excluded.due, event = excluded.event, ended_at = excluded.ended_at
            RETURNING run";
    /// Ends slices: $1 [{r, e, s state, w wake, g signals seen, o, c, m, f ended, t now}].
    pub(crate) END = sqlite "UPDATE run SET state = j.value->>'s', owner = NULL, lease_until = NULL,
            wake_at = CASE WHEN j.value->>'s' = 'waiting' AND run.signals <> j.value->>'g'
                THEN j.value->>'t' ELSE j.value->>'w' END,
            output = j.value->>'o', error_code = j.value->>'c', error_message = j.value->>'m',
            ended_at = j.value->>'f'
            FROM json_each($1) AS j
            WHERE run.id = unhex(j.value->>'r') AND run.epoch = j.value->>'e'
            AND run.state = 'running' RETURNING id, wake_at"
        postgres "UPDATE run SET state = j.s, owner = NULL, lease_until = NULL,
            wake_at = CASE WHEN j.s = 'waiting' AND run.signals <> j.g THEN j.t ELSE j.w END,
            output = j.o, error_code = j.c, error_message = j.m, ended_at = j.f
            FROM json_to_recordset($1::json) AS j(r uuid, e bigint, s text, w bigint, g bigint,
            o text, c text, m text, f bigint, t bigint)
            WHERE run.id = j.r AND run.epoch = j.e AND run.state = 'running' RETURNING id, wake_at";
    /// Old waits of slices that ended: $1 ids; of ended runs ($2) those for cancelling too.
    pub(crate) WAITS_DROP = sqlite "DELETE FROM wait
            WHERE run IN (SELECT unhex(value) FROM json_each($1)) AND (purpose = 'wake'
            OR run IN (SELECT unhex(value) FROM json_each($2)))"
        postgres "DELETE FROM wait
            WHERE run IN (SELECT value::uuid FROM json_array_elements_text($1::json))
            AND (purpose = 'wake'
            OR run IN (SELECT value::uuid FROM json_array_elements_text($2::json)))";
    /// $1 [{r, n, k}]
    pub(crate) WAITS_ADD = sqlite "INSERT INTO wait (run, name, key, purpose)
            SELECT unhex(value->>'r'), value->>'n', value->>'k', 'wake' FROM json_each($1)
            WHERE true ON CONFLICT DO NOTHING"
        postgres "INSERT INTO wait (run, name, key, purpose)
            SELECT r, n, k, 'wake' FROM json_to_recordset($1::json) AS j(r uuid, n text, k text)
            ON CONFLICT DO NOTHING";
    /// Runs whose event is there already: $1 ids, $2 now.
    pub(crate) BUFFERED = sqlite "UPDATE run SET wake_at = $2 WHERE id IN (
            SELECT w.run FROM wait AS w JOIN run AS r ON r.id = w.run
            JOIN event AS e ON e.name = w.name AND e.key = w.key AND e.seq > r.event_floor
            WHERE w.run IN (SELECT unhex(value) FROM json_each($1)) AND w.purpose = 'wake'
            AND NOT EXISTS (SELECT 1 FROM step AS s WHERE s.run = w.run AND s.event = e.seq))
            RETURNING id"
        postgres "UPDATE run SET wake_at = $2 WHERE id IN (
            SELECT w.run FROM wait AS w JOIN run AS r ON r.id = w.run
            JOIN event AS e ON e.name = w.name AND e.key = w.key AND e.seq > r.event_floor
            WHERE w.run IN (SELECT value::uuid FROM json_array_elements_text($1::json))
            AND w.purpose = 'wake'
            AND NOT EXISTS (SELECT 1 FROM step AS s WHERE s.run = w.run AND s.event = e.seq))
            RETURNING id";
    pub(crate) RUN_OUTCOME =
        "SELECT state, output, error_code, error_message FROM run WHERE id = $1";

    pub(crate) SCHEDULE_UPSERT = "INSERT INTO schedule (name, workflow, revision, organization,
            subject, input, cron, zone, grace_ms, enabled, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (name) DO UPDATE SET workflow = excluded.workflow,
            revision = excluded.revision, organization = excluded.organization,
            subject = excluded.subject, input = excluded.input, grace_ms = excluded.grace_ms,
            next_at = CASE WHEN schedule.cron = excluded.cron AND schedule.zone = excluded.zone
                AND schedule.enabled = excluded.enabled
                THEN schedule.next_at ELSE excluded.next_at END,
            cron = excluded.cron, zone = excluded.zone, enabled = excluded.enabled";
    pub(crate) SCHEDULE_DELETE = "DELETE FROM schedule WHERE name = $1";
    pub(crate) SCHEDULE_LIST = "SELECT name, workflow, revision, organization, subject, input, cron,
        zone, grace_ms, enabled, next_at, last_at, missed_at FROM schedule ORDER BY name";
    pub(crate) SCHEDULE_DUE = sqlite "SELECT name, workflow, revision, organization, subject, input,
            cron, zone, grace_ms, next_at FROM schedule WHERE next_at <= $1 AND enabled"
        postgres "SELECT name, workflow, revision, organization, subject, input,
            cron, zone, grace_ms, next_at FROM schedule WHERE next_at <= $1 AND enabled
            FOR UPDATE SKIP LOCKED";
    pub(crate) SCHEDULE_MOVE = "UPDATE schedule SET next_at = $2, last_at = coalesce($3, last_at),
        missed_at = coalesce($4, missed_at) WHERE name = $1";

    pub(crate) RUN_ONE = "SELECT id, organization, workflow, revision, subject, state, input, output,
        error_code, error_message, wake_at, lease_until, parent, created_at, started_at, ended_at
        FROM run WHERE id = $1";
    pub(crate) STEPS_ONE = "SELECT name, nth, place, kind, state, attempts, output, error_code,
        error_message, due, started_at, ended_at FROM step WHERE run = $1 ORDER BY place, name, nth";
    pub(crate) STEP_PLACE = "SELECT place FROM step WHERE run = $1 AND name = $2 AND nth = $3";
    /// What may have happened outside is looked for before it is done again.
    pub(crate) STEPS_DOUBT = "UPDATE step SET state = 'in_flight', attempts = 0, due = NULL,
            output = NULL, error_code = NULL, error_message = NULL, ended_at = NULL
        WHERE run = $1 AND kind = 'effect' AND (place >= $2 OR state <> 'done')";
    pub(crate) STEPS_FORGET = "DELETE FROM step WHERE run = $1 AND state <> 'in_flight'
        AND (place >= $2 OR kind = 'failure' OR name LIKE 'on_failure/%' OR state <> 'done')";
    pub(crate) RUN_AGAIN = "UPDATE run SET state = 'ready', wake_at = $2, epoch = epoch + 1,
            ended_at = NULL, output = NULL, error_code = NULL, error_message = NULL,
            started_at = $2
        WHERE id = $1 AND state IN ('failed', 'cancelled')";
    pub(crate) STRANDED = sqlite "SELECT id, organization, workflow, revision, subject, state, input,
            output, error_code, error_message, wake_at, lease_until, parent, created_at, started_at,
            ended_at FROM run WHERE wake_at IS NOT NULL
            AND (workflow || '@' || revision) NOT IN (SELECT value FROM json_each($1))
            ORDER BY wake_at LIMIT 1000"
        postgres "SELECT id, organization, workflow, revision, subject, state, input,
            output, error_code, error_message, wake_at, lease_until, parent, created_at, started_at,
            ended_at FROM run WHERE wake_at IS NOT NULL
            AND (workflow || '@' || revision) NOT IN (SELECT json_array_elements_text($1::json))
            ORDER BY wake_at LIMIT 1000";
    pub(crate) RUNS_PURGE = "DELETE FROM run WHERE id IN
        (SELECT id FROM run WHERE ended_at < $1 AND (organization = $3 OR organization IS NULL)
            ORDER BY ended_at LIMIT $2)";
    pub(crate) RUNS_ENDED = "SELECT count(*) AS n FROM run WHERE ended_at < $1 AND organization = $2";
    pub(crate) EVENTS_PURGE = "DELETE FROM event WHERE seq IN
        (SELECT seq FROM event WHERE at < $1 ORDER BY at LIMIT $2)";

    /// $1 now.
    pub(crate) FIGURES = "SELECT state, count(*) AS n, count(CASE WHEN wake_at <= $1 THEN 1 END) AS due,
            min(CASE WHEN wake_at <= $1 THEN wake_at END) AS first
        FROM run WHERE wake_at IS NOT NULL GROUP BY state";
    /// $1 since when.
    pub(crate) FIGURES_ENDED =
        "SELECT state, count(*) AS n FROM run WHERE ended_at > $1 GROUP BY state";
}
