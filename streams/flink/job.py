"""The job as Flink sees it, and its submission: ``python -m streams.flink.job`` with a plan as JSON on a line of stdin.

It is a process of its own because PyFlink starts a JVM to speak through, which nobody else must carry.
"""

import os
import sys
from typing import Any

import msgspec

from streams.flink.claims import MICRO_BATCHES, claims_query, sink_table, source_table
from streams.flink.gathered import TOPICS
from topics.connection import KafkaConnection

#: Uids are part of every savepoint.
JUDGE_UID = "judge"


class Plan(msgspec.Struct, frozen=True):
    """What is submitted and where; no ``host`` is the cluster that runs this program. ``topics`` are read;
    ``options`` are Flink's own by their names, over those here;
    ``restore`` is a checkpoint or savepoint to go on from, empty for none; ``jars`` are given to the cluster.
    """

    host: str
    port: int
    connection: KafkaConnection
    group: str
    topics: list[str]
    partitions: int
    parallelism: int
    guarantee: str
    checkpoint_s: float
    cycle_s: float
    folder: str
    restore: str
    jars: list[str]
    python: str
    options: dict[str, str] = {}

    @property
    def keep_s(self) -> float:
        """Seconds between two writings of a partition's state; none where nothing may be told twice.

        What has been told since is told again after a restore, by the same ids. Each writing is several calls to the
        JVM and back, and what the next checkpoint does not find was written for nobody.
        """
        return 0.0 if self.guarantee == "exactly-once" else self.checkpoint_s

    @property
    def configuration(self) -> dict[str, str]:
        """Flink's settings of this job."""
        options = {
            "pipeline.name": self.group,
            "pipeline.jars": ";".join(f"file://{jar}" for jar in self.jars),
            "pipeline.object-reuse": "true",
            "parallelism.default": str(self.parallelism),
            # One mode for all savepoints: state of one is silently empty in the other.
            "python.execution-mode": "process",
            "python.executable": self.python,
            "python.client.executable": self.python,
            # Claims of one micro-batch go over together, and none waits for others for long.
            "python.fn-execution.bundle.size": str(max(1, self.partitions // self.parallelism)),
            "python.fn-execution.bundle.time": "20",
            "execution.buffer-timeout.interval": "5 ms",
            "execution.checkpointing.interval": f"{round(self.checkpoint_s * 1000)} ms",
            "execution.checkpointing.mode": "EXACTLY_ONCE",
            # Over a backlog thousands of claims wait; a barrier goes past them and takes them into the checkpoint.
            "execution.checkpointing.unaligned.enabled": "true",
            "execution.checkpointing.dir": f"file://{self.folder}/checkpoints",
            "execution.checkpointing.savepoint-dir": f"file://{self.folder}/savepoints",
            "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
            "execution.checkpointing.tolerable-failed-checkpoints": "100",
            "state.backend.type": "hashmap",
            "restart-strategy.type": "exponential-delay",
            "restart-strategy.exponential-delay.initial-backoff": "500 ms",
            "restart-strategy.exponential-delay.max-backoff": "10 s",
            "table.exec.uid.generation": "ALWAYS",
            **MICRO_BATCHES,
            **self.options,
        }
        if self.restore:
            options["execution.state-recovery.path"] = self.restore
        return options


def submit(plan: Plan) -> str:
    """Give the job to the cluster and return its id."""
    from pyflink.common import Configuration, Types
    from pyflink.datastream import StreamExecutionEnvironment
    from pyflink.datastream.data_stream import KeyedStream
    from pyflink.java_gateway import get_gateway
    from pyflink.table import ChangelogMode, DataTypes, Schema, StreamTableEnvironment

    from streams.flink.judge import CLAIM, KEYED_CLAIM, RECORD, Judge, Task

    configuration = Configuration()
    for name, value in plan.configuration.items():
        configuration.set_string(name, value)
    gateway = get_gateway()
    if plan.host:
        java = gateway.jvm.org.apache.flink.streaming.api.environment.StreamExecutionEnvironment
        environment = StreamExecutionEnvironment(
            java.createRemoteEnvironment(
                plan.host, plan.port, configuration._j_configuration, gateway.new_array(gateway.jvm.String, 0)
            )
        )
    else:
        environment = StreamExecutionEnvironment.get_execution_environment(configuration)
    tables = StreamTableEnvironment.create(environment)
    tables.execute_sql(source_table(plan.connection, plan.topics, f"{plan.group}-flink"))
    tables.execute_sql(sink_table(plan.connection, TOPICS, plan.guarantee, plan.group))
    claims = tables.to_changelog_stream(tables.sql_query(claims_query()), changelog_mode=ChangelogMode.upsert())
    # PyFlink's own ``key_by`` takes every row to Python only to ask for its key; here the JVM has it already.
    claims._j_data_stream.getTransformation().setOutputType(KEYED_CLAIM.get_java_type_info())
    selector = gateway.jvm.KeyByKeySelector()
    keyed = claims._j_data_stream.keyBy(selector, Types.ROW([Types.STRING()]).get_java_type_info())
    judge = Judge(Task(plan.connection, plan.group, plan.cycle_s, plan.keep_s))
    records = KeyedStream(keyed, CLAIM, claims).process(judge, RECORD).uid(JUDGE_UID).name(JUDGE_UID)
    binary = DataTypes.BYTES()
    schema = (
        Schema.new_builder()
        .column("record_key", binary)
        .column("body", binary)
        .column("topic", DataTypes.STRING())
        .column("headers", DataTypes.MAP(DataTypes.STRING(), binary))
        .build()
    )
    statements = tables.create_statement_set()
    statements.add_insert("outlet", tables.from_data_stream(records, schema))
    statements.attach_as_datastream()
    told: Any = environment.execute_async(plan.group)
    return str(told.get_job_id())


def main() -> None:
    """Submit the plan of each line of standard input and print the job's id."""
    for line in sys.stdin.buffer:
        print(submit(msgspec.json.decode(line, type=Plan)), flush=True)
    # The JVM that was spoken through would end with us, in its own time.
    os._exit(0)


if __name__ == "__main__":
    main()
