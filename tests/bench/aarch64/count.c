/* A plug-in of qemu-user that counts the guest's instructions, and says how many there were whenever the guest calls
 * sched_yield. The few declarations of qemu-plugin.h that it needs are its own. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum { ADD_U64 = 0, SCHED_YIELD = 124 };	/* of aarch64 */

typedef uint64_t plugin_id;
typedef struct qemu_plugin_tb block_t;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, block_t *));
void qemu_plugin_register_vcpu_tb_exec_inline(block_t *, int operation, void *value, uint64_t more);
size_t qemu_plugin_tb_n_insns(const block_t *);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, void (*)(plugin_id, unsigned, int64_t, uint64_t, uint64_t, uint64_t,
							      uint64_t, uint64_t, uint64_t, uint64_t, uint64_t));

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t count;

static void translated(plugin_id id, block_t *block)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &count, qemu_plugin_tb_n_insns(block));
}

static void called(plugin_id id, unsigned cpu, int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
		   uint64_t f, uint64_t g, uint64_t h)
{
	(void)id, (void)cpu, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
	if (number == SCHED_YIELD)
		fprintf(stderr, "instructions %" PRIu64 "\n", count);
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	(void)info, (void)argc, (void)argv;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_vcpu_syscall_cb(id, called);
	return 0;
}
