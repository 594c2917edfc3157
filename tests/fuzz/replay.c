/*
 * replay.c: a main for fuzz targets where there is no libFuzzer: runs every file named,
 * and every file of a folder named, and then random mutations of them.
 *
 *	fuzz_pairs [-r mutations] [-t seconds] [-s seed] FILE-OR-FOLDER...
 *
 * The seed is fixed unless given, so that a finding comes again.  An input that ends the
 * process is left in ./crash-PROGRAM, to become a file of the corpus.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_MAX = 64 * 1024, INPUTS_MAX = 1000 };

struct input {
	unsigned char	*data;
	size_t		 len;
};

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static struct input	inputs[INPUTS_MAX];
static size_t		n_inputs;
static char		crash[256];
static uint64_t		seed = 20261122;

static void
stop(const char *what)
{
	perror(what);
	exit(1);
}

/* xorshift64*, Vigna 2016. */
static size_t
below(size_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 2685821657736338717U) >> 32) % n;
}

/* Run the target on memory of exactly this size.  The input stands in `crash` meanwhile. */
static void
run(const unsigned char *data, size_t len)
{
	unsigned char	*copy = malloc(len + (len == 0));
	FILE		*file = fopen(crash, "w");

	if (copy == NULL || file == NULL || fwrite(data, 1, len, file) != len ||
	    fclose(file) != 0)
		stop(crash);
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void
take(const char *path)
{
	struct input	*input = &inputs[n_inputs];
	FILE		*file = fopen(path, "r");

	if (file == NULL || n_inputs == INPUTS_MAX)
		stop(path);
	if ((input->data = malloc(INPUT_MAX)) == NULL)
		stop(path);
	input->len = fread(input->data, 1, INPUT_MAX, file);
	if (ferror(file))
		stop(path);
	fclose(file);
	n_inputs++;
}

static void
take_all(const char *path)
{
	struct dirent	**names;
	int		  n = scandir(path, &names, NULL, alphasort);

	if (n == -1) {
		take(path);
		return;
	}
	for (int i = 0; i < n; i++) {
		char	*within;

		if (names[i]->d_name[0] != '.') {
			if (asprintf(&within, "%s/%s", path, names[i]->d_name) == -1)
				stop(path);
			take(within);
			free(within);
		}
		free(names[i]);
	}
	free(names);
}

/* Change `data` a little: a byte, a piece taken out, a piece of any input put in. */
static size_t
mutate(unsigned char *data, size_t len)
{
	static const char	 telling[] = "%&=+{}#^/<>$!_\"':?;-\0\xC3\xFF\n ";
	const struct input	*other = &inputs[below(n_inputs)];
	size_t			 at, from, n;

	switch (below(4)) {
	case 0:
		if (len > 0)
			data[below(len)] = (unsigned char)below(256);
		return len;
	case 1:
		if (len > 0)
			data[below(len)] = (unsigned char)telling[below(sizeof(telling))];
		return len;
	case 2:
		at = below(len + 1);
		n = below((len - at < 32 ? len - at : 32) + 1);
		memmove(data + at, data + at + n, len - at - n);
		return len - n;
	default:
		at = below(len + 1);
		from = below(other->len + 1);
		n = below((other->len - from < 64 ? other->len - from : 64) + 1);
		if (len + n > INPUT_MAX)
			return len;
		memmove(data + at + n, data + at, len - at);
		memcpy(data + at, other->data + from, n);
		return len + n;
	}
}

int
main(int argc, char *argv[])
{
	unsigned char	*data = malloc(INPUT_MAX);
	const char	*name = strrchr(argv[0], '/');
	long		 mutations = 1000, seconds = 2, done = 0;
	time_t		 end;
	int		 option;

	while ((option = getopt(argc, argv, "r:t:s:")) != -1) {
		if (option == 'r')
			mutations = atol(optarg);
		else if (option == 't')
			seconds = atol(optarg);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 10) | 1;
		else
			return 2;
	}
	if (data == NULL)
		stop("memory");
	snprintf(crash, sizeof(crash), "crash-%s", name == NULL ? argv[0] : name + 1);
	for (; optind < argc; optind++)
		take_all(argv[optind]);
	if (n_inputs == 0) {
		fprintf(stderr, "%s: no input\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < n_inputs; i++)
		run(inputs[i].data, inputs[i].len);
	for (end = time(NULL) + seconds; done < mutations && time(NULL) < end; done++) {
		const struct input	*input = &inputs[below(n_inputs)];
		size_t			 len = input->len;

		memcpy(data, input->data, len);
		for (size_t i = below(8) + 1; i > 0; i--)
			len = mutate(data, len);
		run(data, len);
	}
	unlink(crash);
	printf("%zu inputs, %ld mutations\n", n_inputs, done);
	for (size_t i = 0; i < n_inputs; i++)
		free(inputs[i].data);
	free(data);
	return 0;
}
